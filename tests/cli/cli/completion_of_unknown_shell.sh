gyre completion fish
