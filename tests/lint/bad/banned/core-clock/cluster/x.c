    now = time(NULL);
