gyre help nonesuch
