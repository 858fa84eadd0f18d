"""What it was measured on."""

import os
import platform
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.notifications import body
from benchmarks.valkey import Valkey

_SYNCS = 40


async def circumstances(folder: Path, valkey: Valkey) -> Mapping[str, str]:
    """The machine, the body's size, and what "durable" means here."""
    server = await valkey.redis.info("server")
    memory = await valkey.redis.info("memory")
    return {
        "Machine": f"{os.cpu_count()} cores, {_processor()}, {platform.system()}"
        f" {platform.release()}, Python {platform.python_version()}",
        "Load before": f"{os.getloadavg()[0]:.1f} (what else runs here takes from all sides)",
        "Valkey": f"{server.get('valkey_version', server['redis_version'])},"
        f" {memory['mem_allocator']}, by TCP on the loopback",
        "Durability": "appendonly yes, appendfsync always; a synced write of 4 KiB takes"
        f" {_sync_milliseconds(folder):.2f} ms",
        "Body": f"EasyPost tracker.updated of {len(body(1)):,} bytes, signed in both ways",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _sync_milliseconds(folder: Path) -> float:
    taken: list[float] = []
    with (folder / "synced").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000
