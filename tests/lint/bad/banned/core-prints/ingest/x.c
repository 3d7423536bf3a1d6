    opk_buf_printf(out, "this is fine");
    printf("found\n");
