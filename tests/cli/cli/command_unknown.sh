gyre nonesuch
