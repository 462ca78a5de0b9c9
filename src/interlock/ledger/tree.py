# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree over the records, as RFC 6962 section 2.1 defines it, and its two kinds of proof.

1. A leaf is hashed with the prefix 0x00 and an inner node with 0x01, so neither is ever taken for the other.
2. A `Frontier` is all that is needed to append: the roots of the perfect subtrees, largest first.
3. Verifying a proof answers False for everything that is not exactly right; it raises nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry's bytes."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return _sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree of `size` leaves: one hash for each 1 in the binary form of `size`, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.peaks) != self.size.bit_count() or any(len(peak) != HASH_SIZE for peak in self.peaks):
            raise ValueError("the frontier does not fit its size")

    def extended(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier after appending these leaf hashes."""
        peaks = list(self.peaks)
        size = self.size
        for leaf in leaves:
            carry, subtree = size, leaf
            while carry & 1:
                carry, subtree = carry >> 1, node_hash(peaks.pop(), subtree)
            peaks.append(subtree)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        """The tree hash; that of the empty tree is the hash of nothing."""
        if not self.peaks:
            return EMPTY_ROOT
        *others, root = self.peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root

    def packed(self) -> bytes:
        """The peaks one after the other."""
        return b"".join(self.peaks)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "Frontier":
        """The inverse of `packed`. `ValueError` when the bytes do not fit the size."""
        return cls(size, tuple(packed[at : at + HASH_SIZE] for at in range(0, len(packed), HASH_SIZE)))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The tree hash over all of these leaf hashes, level by level, which is faster than one by one."""
    if not leaves:
        return EMPTY_ROOT
    level = leaves
    while len(level) > 1:
        odd = [level[-1]] if len(level) & 1 else []
        level = [_sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level.extend(odd)
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index`, nearest sibling first (RFC 6962 section 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"there is no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return (*inclusion_proof(left, index), root_of(right))
    return (*inclusion_proof(right, index - split), root_of(left))


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The proof that the tree of the first `old_size` leaves is a prefix (RFC 6962 section 2.1.2)."""
    if not 0 <= old_size <= len(leaves):
        raise ValueError(f"a tree of {old_size} is no prefix of a tree of {len(leaves)}")
    if old_size in (0, len(leaves)):
        return ()
    known = old_size
    tail: list[bytes] = []
    whole = True
    while known != len(leaves):
        split = _split(len(leaves))
        if known <= split:
            tail.append(root_of(leaves[split:]))
            leaves = leaves[:split]
        else:
            tail.append(root_of(leaves[:split]))
            leaves = leaves[split:]
            known -= split
            whole = False
    start = () if whole else (root_of(leaves),)
    return (*start, *reversed(tail))


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The claim that `leaf` is leaf number `index` of a tree of `size`."""

    leaf: bytes
    index: int
    size: int
    proof: Sequence[bytes]

    def holds_in(self, root: bytes) -> bool:
        """Whether the proof leads to `root` (RFC 9162 section 2.1.3.2)."""
        if not 0 <= self.index < self.size or not _well_formed(self.leaf, *self.proof):
            return False
        at, last, found = self.index, self.size - 1, self.leaf
        for sibling in self.proof:
            if last == 0:
                return False
            if at & 1 or at == last:
                found = node_hash(sibling, found)
                while at and not at & 1:
                    at, last = at >> 1, last >> 1
            else:
                found = node_hash(found, sibling)
            at, last = at >> 1, last >> 1
        return last == 0 and found == root


@dataclass(frozen=True, slots=True)
class Consistency:
    """The claim that a tree of `new_size` leaves begins with the tree of `old_size`."""

    old_size: int
    new_size: int
    proof: Sequence[bytes]

    def holds_between(self, old_root: bytes, new_root: bytes) -> bool:
        """Whether the proof leads to both roots (RFC 9162 section 2.1.4.2)."""
        if not 0 <= self.old_size <= self.new_size or not _well_formed(*self.proof):
            return False
        if self.old_size == self.new_size:
            return not self.proof and old_root == new_root
        if self.old_size == 0:
            return not self.proof and old_root == EMPTY_ROOT
        return self._leads_to(old_root, new_root)

    def _leads_to(self, old_root: bytes, new_root: bytes) -> bool:
        path = list(self.proof)
        if not path:
            return False
        if self.old_size & (self.old_size - 1) == 0:
            path.insert(0, old_root)
        at, last = self.old_size - 1, self.new_size - 1
        while at & 1:
            at, last = at >> 1, last >> 1
        old = new = path[0]
        for sibling in path[1:]:
            if last == 0:
                return False
            if at & 1 or at == last:
                old, new = node_hash(sibling, old), node_hash(sibling, new)
                while at and not at & 1:
                    at, last = at >> 1, last >> 1
            else:
                new = node_hash(new, sibling)
            at, last = at >> 1, last >> 1
        return last == 0 and old == old_root and new == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _well_formed(*hashes: bytes) -> bool:
    return all(len(one) == HASH_SIZE for one in hashes)
