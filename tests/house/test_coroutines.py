"""g++ 12 lays the frame of some coroutines out wrongly (daemon/TRAPS.md): what resumes it then jumps anywhere."""

import platform
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Unoptimised, the start of a coroutine stores the addresses of its two halves, to resume and to destroy it, one after the
# other: lea half(%rip),%rdx; mov %rdx,PLACE(%rax); mov frame,%rax; and again. They belong at the start of the frame:
# coroutine_handle relies on that place.
LEA, LOAD = rb"\x48\x8d\x15....", rb"\x48\x8b(?:\x45.|\x85....)"
RIGHT = re.compile(LEA + rb"\x48\x89\x10" + LOAD + LEA + rb"\x48\x89\x50\x08", re.S)
SHIFTED = re.compile(LEA + rb"\x48\x89\x50\x08" + LOAD + LEA + rb"\x48\x89\x50\x10", re.S)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="reads x86-64 instructions")
def test_every_coroutine_frame_begins_with_its_addresses():
    shifted, right = [], 0
    for unit in sorted((ROOT / "build/dev/daemon").rglob("*.cpp.o")):
        code = unit.read_bytes()
        right += len(RIGHT.findall(code))
        shifted += [unit.name.removesuffix(".o")] * len(SHIFTED.findall(code))
    assert not shifted, f"give the results of co_await in conditions a name in these: {shifted}"
    assert right > 50, "the pattern does not fit the compiler any more"
