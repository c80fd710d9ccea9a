# SPDX-License-Identifier: LGPL-2.1-or-later
"""The training loop that the recipes share: timed, seeded, resumable, one process a core.

One process a core, since threads that wait for each other within every layer lose most of a core
that other programs use too; the processes average their gradients.

A recipe is an object with
  name                                      of the files it writes
  network()                                 a fresh network
  loss(network, random, step, progress, worker, workers)
                                            float tensor, for this worker's share of the step's
                                            batch; random: numpy Generator of step and worker
  measure(network)                          dict of held-out measurements
  export(network, file)                     writes the ONNX file
"""
import copy
import math
import multiprocessing
import os
import pathlib
import tempfile
import time

import numpy as np
import torch

import crops
import export

WARM_UP = 200
EMA = 0.998
SAVE_EVERY = 300
SKIPPED = 77


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

    def __init__(self, recipe, lr, seed, rank, team):
        torch.manual_seed(seed)
        self.recipe, self.lr, self.seed, self.rank, self.team = recipe, lr, seed, rank, team
        self.step, self.seconds = 0, 0.0
        self.network = recipe.network().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr, weight_decay=0.05, foreach=True)

    def save(self, file):
        state = {"network": self.network.state_dict(), "average": self.average.state_dict(),
                 "optimizer": self.optimizer.state_dict(), "step": self.step, "seconds": self.seconds}
        partial = file.with_suffix(".partial")
        torch.save(state, partial)
        partial.rename(file)

    def load(self, file):
        state = torch.load(file)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]

    def begin(self, file):
        """Begins with the weights of an exported network."""
        random = np.random.default_rng(self.seed)
        export.read(self.network, file, lambda network: self.recipe.loss(network, random, 0, 0.0, 0, 1))
        self.average.load_state_dict(self.network.state_dict())

    def train(self, progress):
        """One step at the given share 0..1 of the training; returns this worker's loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr * rate(progress, self.step)
        random = np.random.default_rng((self.seed, self.step, self.rank))
        torch.manual_seed(int(random.integers(2**62)))
        self.network.train()
        loss = self.recipe.loss(self.network, random, self.step, progress, self.rank, self.team.size)
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
        """Moves the running average of the weights, which is what gets exported; in a young run it
        spans the last tenth of the steps."""
        share = max(1 - EMA, 10 / (9 + self.step))
        for a, b in zip(self.average.state_dict().values(), self.network.state_dict().values()):
            if a.is_floating_point():
                a.lerp_(b, share)

    def keep(self, folder):
        """Writes the checkpoint and the network as it is now; returns its measurements."""
        self.save(folder / f"{self.recipe.name}.pt")
        self.recipe.export(self.average, folder / f"{self.recipe.name}.onnx")
        values = self.recipe.measure(self.average)
        print("held out: " + ", ".join(f"{k} {v:.5f}" for k, v in values.items()), flush=True)
        return values


def rate(progress, step):
    """Share of the full learning rate: a short rise, then half a cosine down to 0 at progress 1."""
    return min(1, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * min(progress, 1)))


def autocast():
    """bfloat16 where the processor computes with it; elsewhere torch is many times slower in it than in float32."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split()
    return torch.autocast("cpu", torch.bfloat16, enabled="avx512_bf16" in flags or "amx_bf16" in flags)


def epoch_part(pool, seed, step, batch):
    """The step's batch of an epoch's permutation of the array pool."""
    epoch, part = divmod(step, len(pool) // batch)
    return np.random.default_rng((seed, epoch)).permutation(pool)[part * batch:(part + 1) * batch]


def _work(rank, team, recipe, chosen):
    """One worker's training; worker 0 keeps the clock, the log and the files, and returns
    (the losses of this call's steps, the last measurements)."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    run = Run(recipe, chosen.lr, chosen.seed, rank, team)
    checkpoint = chosen.out / f"{recipe.name}.pt"
    if checkpoint.exists():
        run.load(checkpoint)
    elif chosen.start:
        run.begin(chosen.start)
    saved, losses = run.seconds, []
    team.barrier.wait()
    while True:
        begun = time.perf_counter()
        if rank == 0:
            team.progress[0] = (run.step / chosen.steps if chosen.steps else
                                run.seconds / 60 / chosen.minutes)
        team.barrier.wait()
        progress = team.progress.item()
        if progress >= 1:
            break
        loss = run.train(progress)
        if rank:
            continue
        run.follow()
        run.seconds += time.perf_counter() - begun
        losses.append(loss)
        if run.step % 100 == 0:
            print(f"step {run.step} {100 * progress:.1f} % loss {np.mean(losses[-100:]):.4f} "
                  f"{run.step * chosen.batch / run.seconds:.0f} pictures/s", flush=True)
        if run.seconds - saved >= SAVE_EVERY:
            saved = run.seconds
            run.keep(chosen.out)
    if rank == 0:
        return losses, run.keep(chosen.out)


def train(recipe, chosen):
    """Trains a recipe by the options of add_options; returns (losses, held-out measurements)."""
    team = Team(chosen.workers, sum(p.numel() for p in recipe.network().parameters()))
    others = [multiprocessing.Process(target=_work, args=(rank, team, recipe, chosen), daemon=True)
              for rank in range(1, chosen.workers)]
    for other in others:
        other.start()
    return _work(0, team, recipe, chosen)


def add_options(parser, minutes, batch, lr):
    parser.add_argument("--data", type=pathlib.Path, default=crops.shared_folder() / "train",
                        help="folder of zip files or pictures: 112 x 112 aligned crops")
    parser.add_argument("--cache", type=pathlib.Path, help="folder for decoded crops and targets (OUT/cache)")
    parser.add_argument("--out", type=pathlib.Path, help="folder for checkpoint and result")
    parser.add_argument("--start", type=pathlib.Path, help="exported network to begin with, where OUT has no checkpoint")
    parser.add_argument("--minutes", type=float, default=minutes,
                        help="training time over all resumptions (%(default)s)")
    parser.add_argument("--steps", type=int, help="steps over all resumptions, instead of --minutes")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--lr", type=float, default=lr)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--quick", action="store_true",
                        help="a short run on few crops; fails unless the network learns")


def main(parser, make, learned, quick):
    """Runs a recipe's program: make(options) gives the recipe, quick the options of --quick,
    learned(losses, measurements) whether a quick run was a success."""
    chosen = parser.parse_args()
    if not crops.present(chosen.data):
        print(f"{chosen.data}: no face crops there")
        raise SystemExit(SKIPPED if chosen.quick else 1)
    with tempfile.TemporaryDirectory() as spare:
        for key, value in quick.items() if chosen.quick else ():
            setattr(chosen, key, value)
        if chosen.out is None:
            if not chosen.quick:
                parser.error("--out is needed")
            chosen.out = pathlib.Path(spare)
        chosen.out.mkdir(parents=True, exist_ok=True)
        chosen.cache = chosen.cache or chosen.out / "cache"
        losses, values = train(make(chosen), chosen)
        if chosen.quick and not learned(losses, values):
            raise SystemExit("the network did not learn")
