gyre manual help
