"""Merkle trees over lists of leaves: roots and proofs as RFC 9162, section 2.1, has them.

Everything is bytes in, bytes out: SHA-256 of 32 bytes each. Indices count from 0.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

HASH_BYTES = 32
EMPTY = sha256().digest()
"""The root of no leaves at all."""

Node: TypeAlias = Callable[[int, int], bytes]
"""Gives the root of the whole subtree over the leaves `index << level` to `(index + 1) << level`."""


class InvalidProof(ValueError):
    """A proof that does not show what it should; the message says where it fails."""


def leaf_hash(data: bytes) -> bytes:
    """Give the hash of one leaf: SHA-256(0x00 ‖ data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_hash(leaf_hashes: Sequence[bytes]) -> bytes:
    """Give the root over `leaf_hashes`; `EMPTY` where there are none."""
    heads: list[tuple[int, bytes]] = []
    for each in leaf_hashes:
        level, head = 0, each
        while heads and heads[-1][0] == level:
            head = node_hash(heads.pop()[1], head)
            level += 1
        heads.append((level, head))
    if not heads:
        return EMPTY
    root = heads.pop()[1]
    while heads:
        root = node_hash(heads.pop()[1], root)
    return root


def root_over(leaves: range, node: Node) -> bytes:
    """Give the root over some leaves of a tree of which only whole subtrees are known.

    Args:
        leaves: as `inclusion_path` and `consistency_path` give them, or all of them from 0.
    """
    if not leaves:
        return EMPTY
    count = len(leaves)
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, leaves.start >> level)
    split = leaves.start + _split(count)
    return node_hash(
        root_over(range(leaves.start, split), node), root_over(range(split, leaves.stop), node)
    )


def inclusion_path(index: int, size: int) -> list[range]:
    """Name the subtrees whose roots prove that leaf `index` is in a tree of `size`, lowest first.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"found leaf {index}; expected one of 0 to {size - 1}")
    path = []
    leaves = range(size)
    while len(leaves) > 1:
        split = leaves.start + _split(len(leaves))
        left, right = range(leaves.start, split), range(split, leaves.stop)
        leaves, other = (left, right) if index < split else (right, left)
        path.append(other)
    return path[::-1]


def consistency_path(size1: int, size2: int) -> list[range]:
    """Name the subtrees whose roots prove that a tree of `size1` begins one of `size2`.

    Raises:
        ValueError: `size1` is 0, about which nothing can be proved, or greater than `size2`.
    """
    if not 1 <= size1 <= size2:
        raise ValueError(f"found sizes {size1} and {size2}; expected 1 ≤ first ≤ second")
    path = []
    leaves = range(size2)
    while leaves.stop != size1:
        split = leaves.start + _split(len(leaves))
        left, right = range(leaves.start, split), range(split, leaves.stop)
        leaves, other = (left, right) if size1 <= split else (right, left)
        path.append(other)
    if leaves.start:  # else the old root itself, which whoever checks has already
        path.append(leaves)
    return path[::-1]


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Prove that leaf `index` is among `leaf_hashes` (RFC 9162, 2.1.3.1)."""
    return _roots(leaf_hashes, inclusion_path(index, len(leaf_hashes)))


def consistency_proof(leaf_hashes: Sequence[bytes], size1: int) -> list[bytes]:
    """Prove that the tree over the first `size1` begins that over all (RFC 9162, 2.1.4.1)."""
    return _roots(leaf_hashes, consistency_path(size1, len(leaf_hashes)))


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf is at `index` of the tree of `size` under `root` (RFC 9162, 2.1.3.2).

    Raises:
        InvalidProof: it does not show that.
    """
    if not 0 <= index < size:
        raise InvalidProof(f"found leaf {index}; expected one of 0 to {size - 1}")
    _check_hashes(leaf_hash, root, *proof)
    head, place, last = leaf_hash, index, size - 1
    for each in proof:
        if last == 0:
            raise InvalidProof(f"found {len(proof)} hashes; a tree of {size} needs fewer")
        if place & 1 or place == last:
            head = node_hash(each, head)
            place, last = _up(place, last)
        else:
            head = node_hash(head, each)
        place, last = place >> 1, last >> 1
    if last:
        raise InvalidProof(f"found {len(proof)} hashes; a tree of {size} needs more")
    if head != root:
        raise InvalidProof(f"leaf {index} leads to another root than that of the tree of {size}")


def verify_consistency(
    size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree under `root1` begins that under `root2` (RFC 9162, 2.1.4.2).

    Raises:
        InvalidProof: it does not show that, or `size1` is 0: then there is nothing to show.
    """
    if not 1 <= size1 <= size2:
        raise InvalidProof(f"found sizes {size1} and {size2}; expected 1 ≤ first ≤ second")
    _check_hashes(root1, root2, *proof)
    if size1 == size2:
        if proof or root1 != root2:
            raise InvalidProof(f"two trees of {size1} leaves have different roots, or a proof")
        return
    hashes = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    if not hashes:
        raise InvalidProof("found no hashes; trees of different sizes need some")
    _climb(size1 - 1, size2 - 1, hashes, root1, root2)


def _climb(place: int, last: int, hashes: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            raise InvalidProof("found more hashes than the trees need")
        if place & 1 or place == last:
            old, new = node_hash(each, old), node_hash(each, new)
            place, last = _up(place, last)
        else:
            new = node_hash(new, each)
        place, last = place >> 1, last >> 1
    if last:
        raise InvalidProof("found fewer hashes than the trees need")
    if old != root1:
        raise InvalidProof("the proof leads to another root of the first tree")
    if new != root2:
        raise InvalidProof("the proof leads to another root of the second tree")


def _up(place: int, last: int) -> tuple[int, int]:
    """Pass the levels on which the node has no sibling to its right."""
    while place & 1 == 0 and place:
        place, last = place >> 1, last >> 1
    return place, last


def _split(count: int) -> int:
    """Give the greatest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _roots(leaf_hashes: Sequence[bytes], path: Sequence[range]) -> list[bytes]:
    return [root_hash(leaf_hashes[each.start : each.stop]) for each in path]


def _check_hashes(*hashes: bytes) -> None:
    for each in hashes:
        if len(each) != HASH_BYTES:
            raise InvalidProof(f"found a hash of {len(each)} bytes; expected {HASH_BYTES}")
