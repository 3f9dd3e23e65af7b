gyre -C nowhere id file
