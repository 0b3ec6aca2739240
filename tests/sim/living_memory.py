"""How many bytes of tensors are alive at once while something runs on the CPU."""

import weakref

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LivingMemory(TorchDispatchMode):
    """Counts storages made inside it, from their making to their end; not what kernels hide.

    Attributes:
        now, most: bytes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._known: dict[int, weakref.ref] = {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for one in tree_leaves(out):
            if isinstance(one, Tensor):
                self._meet(one.untyped_storage())
        return out

    def _meet(self, storage: torch.UntypedStorage) -> None:
        at, size = storage._cdata, storage.nbytes()
        if at in self._known:
            return

        def ended(_: object) -> None:
            self.now -= size
            del self._known[at]

        self._known[at] = weakref.ref(storage, ended)
        self.now += size
        self.most = max(self.most, self.now)
