# Behind -- all is operands, even what looks like an option.
printf abc >--json
gyre id -- --json
