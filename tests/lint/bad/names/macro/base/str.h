#define MAX_LINE 80
