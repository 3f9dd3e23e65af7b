project
try() { "$@" 2>&1 || echo "status $?"; }
gyre add images >/dev/null
cp images.gyre pointer
sed -i 's/pointer 1/pointer 2/' images.gyre
try gyre status
try gyre add images
try gyre gc
sed 's/^root/<<<<<<< HEAD\nroot/' pointer >images.gyre
try gyre checkout
cp pointer images.gyre
pack=$(echo .gyre/packs/*.pack)
chmod u+w "$pack"
printf '\002' | dd of="$pack" bs=1 seek=8 conv=notrunc status=none
mv images away
try gyre checkout
echo "gyre project 2" >.gyre/config
try gyre status
