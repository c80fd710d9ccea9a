#!/usr/bin/python3
"""Trains facerec-embed: distils the teacher's embedding into a network half as slow.

One process a core, since threads that wait for each other within every layer lose most of a core
that other programs use too; the processes average their gradients. Writes OUT/facerec-embed.onnx. Goes on from OUT/embed.pt where that exists.
"""
import argparse
import copy
import math
import multiprocessing
import os
import pathlib
import time

import numpy as np
import torch
from torch.nn import functional as F

import augment
import crops
import export
import teacher
from embed_net import SIZE, Embedder, preprocess

WARM_UP = 200
EMA = 0.999
MIXTURES_UNTIL = 0.7


def loss_of(student, target, weight=5):
    """1 - cosine to the target, and the squared difference of the batch's similarity matrices.

    student: float [B, D], target: unit-length float [B, D].
    """
    student = F.normalize(student)
    cosine = (student * target).sum(1).mean()
    relation = (student @ student.T - target @ target.T).square().mean()
    return 1 - cosine + weight * relation


def rate(progress, step):
    """Share of the full learning rate: a short rise, then half a cosine down to 0 at progress 1."""
    return min(1, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * min(progress, 1)))


def to_tensor(pictures):
    """float [B, 3, H, W] of 0..255 of uint8 pictures [H, W, 3]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()


def batch_of(pictures, indices, random):
    views = [augment.warp(pictures[i], SIZE, random) for i in indices]
    pixels = augment.erase(augment.light(to_tensor(views)))
    return preprocess(pixels).contiguous(memory_format=torch.channels_last)


def embed(network, pixels):
    """Unit-length float [n, D] of uint8 crops [n, 112, 112, 3], unchanged but for their size."""
    network.eval()
    with torch.no_grad():
        parts = [network(preprocess(F.interpolate(to_tensor(part), SIZE, mode="bilinear")))
                 for part in np.array_split(pixels, max(1, len(pixels) // 128))]
    return F.normalize(torch.cat(parts))


def held_out(network, pixels, target):
    """(mean cosine to the teacher, area under the ROC) on held-out crops.

    The ROC is of the student's similarities over all pairs that the teacher finds alike (cosine
    of at least 0.4) or strangers (below 0.15).
    """
    student = embed(network, pixels)
    upper = torch.triu_indices(len(target), len(target), 1)
    alike, own = (target @ target.T)[upper[0], upper[1]], (student @ student.T)[upper[0], upper[1]]
    same, other = own[alike >= 0.4], own[alike < 0.15].sort().values
    area = torch.searchsorted(other, same).double().mean() / len(other)
    return (student * target).sum(1).mean().item(), area.item()


class Team:
    """Workers that hand each other their gradients through shared memory."""

    def __init__(self, size, parameters):
        self.size = size
        self.gradients = torch.zeros(2, size, parameters).share_memory_()
        self.progress = torch.zeros(1).share_memory_()
        self.barrier = multiprocessing.Barrier(size, timeout=900)

    def mean(self, rank, turn, gradient):
        """The mean of all workers' gradients; two buffers in turn, so that one barrier does."""
        buffer = self.gradients[turn % 2]
        buffer[rank] = gradient
        self.barrier.wait()
        return buffer.mean(0)


class Run:
    """The state of a training run; everything random follows from seed, step and worker."""

    def __init__(self, lr, seed, rank, team):
        torch.manual_seed(seed)
        self.lr, self.seed, self.rank, self.team = lr, seed, rank, team
        self.step, self.seconds = 0, 0.0
        self.network = Embedder().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr, weight_decay=0.05, foreach=True)

    def save(self, file):
        state = {"network": self.network.state_dict(), "average": self.average.state_dict(),
                 "optimizer": self.optimizer.state_dict(),
                 "step": self.step, "seconds": self.seconds}
        partial = file.with_suffix(".partial")
        torch.save(state, partial)
        partial.rename(file)

    def load(self, file):
        state = torch.load(file)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]

    def indices(self, pool, batch):
        """This worker's share of this step's part of an epoch's permutation of the array pool."""
        epoch, part = divmod(self.step, len(pool) // batch)
        order = np.random.default_rng((self.seed, epoch)).permutation(pool)
        return order[part * batch:(part + 1) * batch][self.rank::self.team.size]

    def train(self, pictures, target, chosen, progress):
        """One step; returns its loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * rate(progress, self.step)
        random = np.random.default_rng((self.seed, self.step, self.rank))
        torch.manual_seed(int(random.integers(2**62)))
        pixels = batch_of(pictures, chosen, random)
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16):
            student = self.network(pixels)
        loss = loss_of(student.float(), target[chosen])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        weights = list(self.network.parameters())
        mean = self.team.mean(self.rank, self.step, torch.cat([p.grad.reshape(-1) for p in weights]))
        for p, part in zip(weights, mean.split([p.numel() for p in weights])):
            p.grad.copy_(part.view(p.shape))
        self.optimizer.step()
        self.step += 1
        return loss.item()

    @torch.no_grad()
    def follow(self):
        """Moves the running average of the weights, which is what gets exported."""
        share = max(1 - EMA, 1 / self.step)
        for a, b in zip(self.average.state_dict().values(), self.network.state_dict().values()):
            if a.is_floating_point():
                a.lerp_(b, share)


def work(rank, team, chosen, pictures, target):
    """One worker's training from start to end; worker 0 keeps the clock, the log and the files."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    every, held = np.flatnonzero(~pictures.held_out), np.flatnonzero(pictures.held_out)
    faces = every[every < len(pictures.pixels)]
    run = Run(chosen.lr, chosen.seed, rank, team)
    checkpoint = chosen.out / "embed.pt"
    if checkpoint.exists():
        run.load(checkpoint)

    def report():
        print("held out: cosine {:.4f} area {:.5f}".format(
            *held_out(run.average, pictures.pixels[held], target[held])), flush=True)

    saved, mean = run.seconds, None
    team.barrier.wait()
    while True:
        begun = time.perf_counter()
        if rank == 0:
            team.progress[0] = run.seconds / 60 / chosen.minutes
        team.barrier.wait()
        progress = team.progress.item()
        if progress >= 1:
            break
        pool = every if progress < MIXTURES_UNTIL else faces
        loss = run.train(pictures, target, run.indices(pool, chosen.batch), progress)
        if rank:
            continue
        run.follow()
        run.seconds += time.perf_counter() - begun
        mean = loss if mean is None else mean + 0.02 * (loss - mean)
        if run.step % 100 == 0:
            print(f"step {run.step} {100 * progress:.1f} % loss {mean:.4f} "
                  f"{run.step * chosen.batch / run.seconds:.0f} pictures/s", flush=True)
        if run.seconds - saved >= 300:
            saved = run.seconds
            run.save(checkpoint)
            report()
    if rank == 0:
        run.save(checkpoint)
        report()
        export.onnx(run.average, (1, 3, SIZE, SIZE), chosen.out / "facerec-embed.onnx", ["embedding"])


def main():
    shared = crops.shared_folder()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--data", default=shared / "train")
    options.add_argument("--teacher", default=shared / "models/mobilefacenet_y1_128d.onnx")
    options.add_argument("--cache", help="folder for decoded crops and targets (OUT/cache)")
    options.add_argument("--out", required=True, type=pathlib.Path)
    options.add_argument("--minutes", type=float, default=100, help="training time, over all resumptions")
    options.add_argument("--batch", type=int, default=64)
    options.add_argument("--lr", type=float, default=2e-3)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=os.cpu_count())
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    pictures, target = teacher.targets(chosen.data, chosen.teacher, chosen.cache or chosen.out / "cache")
    target = torch.from_numpy(target)
    team = Team(chosen.workers, sum(p.numel() for p in Embedder().parameters()))
    others = [multiprocessing.Process(target=work, args=(rank, team, chosen, pictures, target), daemon=True)
              for rank in range(1, chosen.workers)]
    for other in others:
        other.start()
    print(f"{len(pictures)} pictures, {pictures.held_out.sum()} held out", flush=True)
    work(0, team, chosen, pictures, target)


if __name__ == "__main__":
    main()
