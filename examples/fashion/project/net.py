"""The network and its training. Nothing here knows of Gyre."""

import torch
from torch import nn

# Mean and spread of the pixels, .286 and .353 of white.
SCALE, SHIFT = 1.0 / (255 * 0.353), 0.286 / 0.353


class Net(nn.Module):
    """Two convolutions and two dense layers: 52 thousand parameters. Takes raw pixels, so that the file knows its own scaling."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, pixels):
        return self.layers(pixels.float() * SCALE - SHIFT)


def train(images, targets, weights, epochs, learning_rate, batch_size, seed, threads=1):
    """images: uint8 [n, 1, 28, 28]; targets: float [n, classes], each row a distribution; weights: float [n]."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    net = Net().to(memory_format=torch.channels_last)
    images = torch.from_numpy(images).contiguous(memory_format=torch.channels_last)
    targets, weights = torch.from_numpy(targets), torch.from_numpy(weights)
    optimizer = torch.optim.Adam(net.parameters(), learning_rate)
    steps = epochs * ((len(images) + batch_size - 1) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps, pct_start=0.2)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(batch_size):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(images[batch]), targets[batch], reduction="none")
            (loss * weights[batch]).mean().backward()
            optimizer.step()
            schedule.step()
    return net.eval()


@torch.no_grad()
def logits(net, images):
    return torch.cat([net(part) for part in torch.from_numpy(images).split(2000)]).numpy()
