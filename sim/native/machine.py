"""Machine code from LLVM assembly: for the processor at hand, kept on disk for the next process."""

import ctypes
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import llvmlite
from llvmlite import binding as llvm

from sim.engine.fingerprint import closure_of, digest
from sim.engine.loaded import other_than, recorded

# loops come vectorized and unrolled as far as it helps: more takes thrice as long, for nothing
OPTIMIZE = 1
MAKERS = ("sim.native", "sim.activation.graph")  # whose code decides what assembly is made


def cache_folder() -> Path:
    """Where compiled code is kept: ``$THEORYCHECK_CACHE``, else in the user's cache folder."""
    chosen = os.environ.get("THEORYCHECK_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "theorycheck"


class MachineFunction:
    """A C function without result, compiled from LLVM assembly.

    Args:
        assembly: makes the module that defines it, where it is not kept on disk.
        made_of: tells it from others that the same code makes: what has a `repr`.
        name: of the function.
        sizes, arrays: how many integers of 64 bits, then how many addresses it takes.
    """

    def __init__(
        self, assembly: Callable[[], str], made_of: object, name: str, sizes: int, arrays: int
    ) -> None:
        # it owns the code
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(_object_code(assembly, made_of)))
        self._engine.finalize_object()
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * sizes, *[ctypes.c_void_p] * arrays)
        self._call = kind(self._engine.get_function_address(name))

    def __call__(self, *arguments: int | None) -> None:
        """With addresses of memory that is large enough; None is no array."""
        self._call(*arguments)


def _machine() -> llvm.TargetMachine:
    processor, features = _processor()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=processor, features=features, opt=OPTIMIZE, jit=True)


@cache
def _processor() -> tuple[str, str]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _object_code(assembly: Callable[[], str], made_of: object) -> bytes:
    """From the cache, or compiled and put there; a cache that cannot be used is done without."""
    versions = (llvmlite.__version__, *llvm.llvm_version_info, OPTIMIZE)
    source = _source_of(assembly)
    made = [assembly()] if source is None else [source, repr(made_of)]
    parts = (*made, *_processor(), *map(str, versions))
    name = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    file = cache_folder() / "machine-code" / f"{name}.o"
    known = _read(file)
    if known is None:
        known = _compiled(assembly())
        _write(file, known)
    return known


def _source_of(assembly: Callable[[], str]) -> str | None:
    """Hash of the code that makes assembly; None where files may be other than what is loaded.

    Where it is known, what was compiled before is found without making the assembly again.
    """
    module = assembly.__module__
    sources = closure_of(module, within=(*MAKERS, module))
    loaded = {name: one.digest for name, one in sources.items()}
    if not recorded() or not sources or other_than(loaded) is not None:
        return None
    return f"{module} {digest(sources)}"


def _compiled(assembly: str) -> bytes:
    module, machine = llvm.parse_assembly(assembly), _machine()
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=OPTIMIZE)
    tuning.loop_vectorization = tuning.slp_vectorization = False
    tuning.loop_interleaving = tuning.loop_unrolling = False
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


def _read(file: Path) -> bytes | None:
    """Object code after its digest; None where it is missing or damaged."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    code = content[32:]
    return code if content[:32] == hashlib.sha256(code).digest() else None


def _write(file: Path, code: bytes) -> None:
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(hashlib.sha256(code).digest() + code)
        beside.replace(file)
    except OSError:
        with suppress(OSError):
            beside.unlink()
