mkdir there
printf abc >there/file
gyre -C there id file
