/* strcpy( in a comment, and in a text, is fine */
const char *opk_text = "strcpy(";
    strcpy(to, from);
