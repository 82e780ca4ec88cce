#!/usr/bin/env python3
"""Fathom beside SimGrid: CPU seconds, and the largest difference of a flow's finish time.

    apt-get install libsimgrid-dev g++
    swift build -c release
    Tests/Peers/simgrid/compare.py [.build/release/fathom] [GPUs of the largest case, default 64]

GPUs stand eight a node, with NVLink ports of 200 GB/s and NIC ports of 50 GB/s in each direction
and a network that never blocks. CPU seconds are of the whole process, reading and writing
included. No part of the tests.
"""
import json, math, os, random, resource, subprocess, sys, tempfile

here = os.path.dirname(os.path.realpath(__file__))
fathom = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".build/release/fathom")
largest = int(sys.argv[2]) if len(sys.argv) > 2 else 64


def pairs(gpus, jitter):
    draw = random.Random(1)
    return [(a, b, int(1e6 * draw.uniform(0.5, 1.5)) if jitter else 1_000_000, 0.0)
            for a in range(gpus) for b in range(gpus) if a != b]


def poisson(gpus, flows, load):
    draw = random.Random(1)
    time, out = 0.0, []
    for _ in range(flows):
        time += draw.expovariate(load * gpus * 50e9 / 1e6)
        a, b = draw.sample(range(gpus), 2)
        out.append((a, b, 1 + int(draw.expovariate(1 / 1e6)), time))
    return out


def run(*command):
    """Output and CPU seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return output, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name, gpus, flows, folder, peer):
    text, case = f"{folder}/case.txt", f"{folder}/case.json"
    with open(text, "w") as file:
        print(gpus, file=file)
        for flow in flows:
            print(*map(repr, flow), file=file)
    port = lambda a, b: 0 if a // 8 == b // 8 else 2
    with open(case, "w") as file:
        json.dump({
            "links": [{"id": 4 * gpu + k, "capacity_Bps": rate, "latency_s": 0}
                      for gpu in range(gpus) for k, rate in enumerate((200e9, 200e9, 50e9, 50e9))],
            "flows": [{"id": i, "path": [4 * a + port(a, b), 4 * b + port(a, b) + 1],
                       "bytes": size, "start_s": start}
                      for i, (a, b, size, start) in enumerate(flows)]}, file)
    output, peer_seconds = run(peer, text)
    theirs = list(map(float, output.split()))
    output, seconds = run(fathom, "flows", case, "--json")
    finish = json.loads(output)["finish_s"]
    ours = [finish[str(i)] for i in range(len(flows))]
    worst = max(abs(a - b) / (a - flow[3]) for a, b, flow in zip(ours, theirs, flows))
    print(f"{name:<28} {len(flows):>7} {seconds:>10.2f} {peer_seconds:>11.2f} "
          f"{max(ours) * 1e3:>13.6f} {worst:>18.1e}", flush=True)


with tempfile.TemporaryDirectory() as folder:
    peer = folder + "/peer"
    subprocess.run(["g++", "-std=c++17", "-O2", "-o", peer, here + "/peer.cpp", "-lsimgrid"],
                   check=True)
    print(f"{'case':<28} {'flows':>7} {'fathom s':>10} {'SimGrid s':>11} {'last end ms':>13} "
          f"{'worst difference':>18}")
    sizes = [n for n in (8, 64, 128, 256) if n <= largest]
    for gpus in sizes:
        compare(f"all-to-all, {gpus} GPUs", gpus, pairs(gpus, False), folder, peer)
    for gpus in sizes[:2]:
        compare(f"jittered, {gpus} GPUs", gpus, pairs(gpus, True), folder, peer)
    for load in (0.5, 0.8):
        compare(f"Poisson, 64 GPUs, load {load}", 64, poisson(64, 10_000, load), folder, peer)
