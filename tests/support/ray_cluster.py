"""A Ray cluster of two nodes on this machine, to be run as a process of its own.

It prints its address. Then each line of its input says what to do: "idle" waits until no task is
executed on the second node, "busy" until one is, and "kill" kills that node. With the end of its
input, or of the process that started it, all ends.
"""

import sys
import time
from contextlib import suppress

import psutil
import ray
from ray._private.node import Node
from ray.cluster_utils import Cluster

CPUS = 2  # of each node, whatever the machine has
STORE = 100_000_000  # bytes
SECONDS = 120  # after which a state that has not come never will
CONFIG = {
    # How soon a node that has been killed is missed: after 2 s, not after 15 s.
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_failure_threshold": 4,
    # The second node gets work at once, not when the first one is half full.
    "scheduler_spread_threshold": 0.0,
}


def run() -> None:
    """Start the cluster and do as told."""
    cluster = Cluster()
    try:
        node = {"num_cpus": CPUS, "object_store_memory": STORE}
        cluster.add_node(**node, include_dashboard=False, no_monitor=True, _system_config=CONFIG)
        second = cluster.add_node(**node)
        say(cluster.address)
        for line in sys.stdin:
            match line.strip():
                case "idle" | "busy" as state:
                    until = time.monotonic() + SECONDS
                    while executing(second) != (state == "busy"):
                        assert time.monotonic() < until, f"it never was {state}"
                        time.sleep(0.01)
                case "kill":
                    cluster.remove_node(second, allow_graceful=False)
            say("done")
    finally:
        cluster.shutdown()
        ray.shutdown()


def executing(node: Node) -> bool:
    """Return whether a node's processes execute a task just now."""
    (raylet,) = node.all_processes["raylet"]
    workers = psutil.Process(raylet.process.pid).children()
    return any("ray::_call" in title(worker) for worker in workers)


def title(process: psutil.Process) -> str:
    """Return what a process calls itself, nothing if it has ended meanwhile."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


def say(text: str) -> None:
    """Answer the process that reads this one's output."""
    sys.stdout.write(f"> {text}\n")  # what else Ray prints has no such mark
    sys.stdout.flush()


if __name__ == "__main__":
    run()
