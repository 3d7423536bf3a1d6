/* a comment may say typedef */
typedef struct opk_str opk_str_t;
