"""Workloads W1 and W2 of ../README.md in SimPy 4.1: `run.py w1|w2 [SIZE [SEED]]` prints the line of a runner."""

import random
import resource
import sys
import time

import simpy

CUSTOMERS = 10_000_000
STEPS = [
    (600, 100),
    (1200, 200),
    (1800, 400),
    (3600, 1200),
    (4200, 600),
    (4800, 300),
    (5400, 200),
    (14400, 100),
]


def w1(size, seed):
    """Ten servers, first come, first served."""
    exponential = random.Random(seed).expovariate
    customers = int(CUSTOMERS * size)
    env = simpy.Environment()
    servers = simpy.Resource(env, 10)
    waited = 0.0

    def customer():
        nonlocal waited
        came = env.now
        with servers.request() as request:
            yield request
            waited += env.now - came
            yield env.timeout(exponential(1.0))

    def arrivals():
        for _ in range(customers):
            yield env.timeout(exponential(9.0))
            env.process(customer())

    env.process(arrivals())
    env.run()
    return customers, 2 * customers, {"mean_wait": waited / customers}


def w2(size, seed):
    """A login storm at a gate."""
    source = random.Random(seed)
    exponential = source.expovariate
    most_waiting = round(2000 * size)
    most_sessions = round(200_000 * size)
    env = simpy.Environment()
    servers = simpy.Resource(env, round(200 * size))
    names = ("attempts", "served", "reneged", "rejected", "quota", "gaveup", "sessions")
    counts = dict.fromkeys(names, 0)
    customers = 0
    open_sessions = 0

    def login():
        """Whether an attempt is served."""
        counts["attempts"] += 1
        if open_sessions >= most_sessions:
            counts["quota"] += 1
            return False
        if servers.count == servers.capacity and len(servers.queue) >= most_waiting:
            counts["rejected"] += 1
            return False
        with servers.request() as request:
            if not request.triggered:
                yield request | env.timeout(exponential(1 / 20))
                if not request.triggered:
                    counts["reneged"] += 1
                    return False
            yield env.timeout(exponential(1 / 0.5))
        counts["served"] += 1
        return True

    def person():
        nonlocal open_sessions
        for attempt in range(1, 11):
            if (yield from login()):
                open_sessions += 1
                yield env.timeout(exponential(1 / 1200))
                open_sessions -= 1
                counts["sessions"] += 1
                return
            if attempt == 10 or source.random() >= 0.85:
                break
            yield env.timeout(exponential(1 / 30))
        counts["gaveup"] += 1

    def arrivals():
        nonlocal customers
        begin = 0.0
        for end, rate in STEPS:
            came = begin
            # Without memory, a step may begin its gaps anew.
            while (came := came + exponential(rate * size)) < end:
                yield env.timeout(came - env.now)
                customers += 1
                env.process(person())
            begin = end

    env.process(arrivals())
    env.run()
    assert customers == counts["sessions"] + counts["gaveup"], counts
    refused = counts["reneged"] + counts["rejected"] + counts["quota"]
    assert counts["attempts"] == counts["served"] + refused, counts
    events = counts["attempts"] + counts["served"] + counts["reneged"] + counts["sessions"]
    return customers, events, counts


def main():
    workload = sys.argv[1]
    size = float(sys.argv[2]) if len(sys.argv) > 2 else 0.02
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    customers, events, named = {"w1": w1, "w2": w2}[workload](size, seed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    fields = [f"simpy {simpy.__version__}", workload, size, customers, events]
    fields += [f"{time.process_time():.4f}", memory]
    fields += [f"{name}={value}" for name, value in named.items()]
    print(*fields, sep=",")


main()
