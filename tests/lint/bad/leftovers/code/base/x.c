    // count = 0;
