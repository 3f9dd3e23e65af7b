set -e
printf weights >model.onnx
gyre bundle --new-key release.key
gyre bundle model.onnx -o bundle --key release.key
gyre bundle model.onnx -o bundle --key release.key --expires 2100-01-01 --data 4f1c
gyre bundle --verify bundle --trust release.key.pub --counter 2
gyre bundle --verify bundle --trust release.key.pub --counter 3
