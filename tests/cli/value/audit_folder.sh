python3 - <<'END'
import os, random, struct, zlib
def png(rows):
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
draw = random.Random(3)
for number in range(60):
    wide = number % 2 == 0
    rows = [[draw.randrange(30) for x in range(16)] for y in range(16)]
    for i in range(2 + draw.randrange(10)):
        for at in range(draw.randrange(3), 16):
            y, x = (7, at) if wide else (at, 7)
            rows[(y + i // 4) % 16][(x + i % 4) % 16] = 100 + draw.randrange(150)
    kind = "wide" if wide != (number in (10, 31)) else "tall"
    os.makedirs(f"images/{kind}", exist_ok=True)
    open(f"images/{kind}/{number:02d}.png", "wb").write(png(rows))
    if number == 20:
        moved = [[0] + row[:-1] for row in rows]
        open("images/wide/copy.png", "wb").write(png(moved))
END
gyre audit images --fix better.csv --report page.html --quiet >found
grep -A 3 '^labels' found | grep -o '[a-z]* -> [a-z]*  [a-z]*/[0-9]*.png' | sort
grep -A 1 '^near duplicates' found | grep -o 'near duplicates: 1\|wide/[a-z0-9]*.png.*'
grep -c 'images/' better.csv
grep '10.png\|31.png' better.csv
grep -c '<img alt' page.html
grep -c '<script\|http' page.html || true
