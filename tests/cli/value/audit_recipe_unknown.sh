# A misspelt recipe is told before the work, with or without --fix.
gyre audit flowers.csv --recipe relable
