    if (system(command) != 0)
