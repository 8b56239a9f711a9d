"""Trees and proofs of RFC 9162: known roots, every proof of small trees, every forgery refused."""

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import merkle
from app.domain.merkle import InvalidProof

_INPUTS = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Roots of the first leaves of the inputs that Certificate Transparency's libraries agree on."""


def leaves(count: int) -> list[bytes]:
    """Give so many different leaf hashes."""
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize(("size", "root"), _ROOTS.items())
def test_known_roots(size: int, root: str) -> None:
    hashes = [merkle.leaf_hash(bytes.fromhex(data)) for data in _INPUTS[:size]]
    assert merkle.root_hash(hashes).hex() == root


def test_leaves_and_nodes_are_kept_apart() -> None:
    assert merkle.leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert (
        merkle.node_hash(b"l" * 32, b"r" * 32) == sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
    )


@pytest.mark.parametrize("size", range(1, 34))
def test_every_leaf_is_proved_in_its_place_and_nowhere_else(size: int) -> None:
    hashes = leaves(size)
    root = merkle.root_hash(hashes)
    for index in range(size):
        proof = merkle.inclusion_proof(hashes, index)
        merkle.verify_inclusion(hashes[index], index, size, proof, root)
        for other in set(range(size)) - {index}:
            with pytest.raises(InvalidProof):
                merkle.verify_inclusion(hashes[index], other, size, proof, root)


@pytest.mark.parametrize("size2", range(1, 34))
def test_every_beginning_is_proved(size2: int) -> None:
    hashes = leaves(size2)
    root2 = merkle.root_hash(hashes)
    for size1 in range(1, size2 + 1):
        root1 = merkle.root_hash(hashes[:size1])
        proof = merkle.consistency_proof(hashes, size1)
        merkle.verify_consistency(size1, size2, root1, root2, proof)
        for forged in _forgeries(proof):
            with pytest.raises(InvalidProof):
                merkle.verify_consistency(size1, size2, root1, root2, forged)
        with pytest.raises(InvalidProof):
            merkle.verify_consistency(size1, size2, merkle.leaf_hash(b"other"), root2, proof)


def _forgeries(proof: list[bytes]) -> list[list[bytes]]:
    longer = [[*proof, b"\x00" * 32], [b"\x00" * 32, *proof]]
    if not proof:
        return longer
    turned = [[*proof[:i], proof[i][::-1], *proof[i + 1 :]] for i in range(len(proof))]
    swapped = [] if len(proof) < 2 else [[proof[1], proof[0], *proof[2:]]]
    return [*longer, proof[:-1], proof[1:], *turned, *swapped]


@given(
    size=st.integers(1, 300), data=st.data(), forge=st.sampled_from(["longer", "shorter", "turned"])
)
def test_a_forged_inclusion_proof_is_refused(size: int, data: st.DataObject, forge: str) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(hashes, index)
    root = merkle.root_hash(hashes)
    if forge == "longer" or not proof:
        proof = [*proof, proof[0] if proof else root]
    elif forge == "shorter":
        proof = proof[:-1]
    else:
        which = data.draw(st.integers(0, len(proof) - 1))
        proof[which] = bytes([proof[which][0] ^ 1]) + proof[which][1:]
    with pytest.raises(InvalidProof):
        merkle.verify_inclusion(hashes[index], index, size, proof, root)


@pytest.mark.parametrize(("size1", "size2"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_nothing_can_be_proved_of_no_tree(size1: int, size2: int) -> None:
    root = merkle.root_hash(leaves(5))
    with pytest.raises(InvalidProof):
        merkle.verify_consistency(size1, size2, merkle.EMPTY, root, [])
    with pytest.raises(ValueError, match="expected 1 ≤ first ≤ second"):
        merkle.consistency_path(size1, size2)


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_a_leaf_beyond_the_tree_has_no_proof(index: int) -> None:
    hashes = leaves(5)
    with pytest.raises(InvalidProof):
        merkle.verify_inclusion(hashes[0], index, 5, [], merkle.root_hash(hashes))
    with pytest.raises(ValueError, match="expected one of 0 to 4"):
        merkle.inclusion_proof(hashes, index)


def test_hashes_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidProof, match="31 bytes"):
        merkle.verify_inclusion(b"x" * 31, 0, 1, [], b"x" * 31)
    with pytest.raises(InvalidProof, match="33 bytes"):
        merkle.verify_consistency(1, 2, b"x" * 32, b"x" * 32, [b"x" * 33])


@given(sizes=st.tuples(st.integers(1, 200), st.integers(1, 200)).map(sorted))
def test_proofs_from_whole_subtrees_are_the_same(sizes: list[int]) -> None:
    """What a store of nodes gives is what all leaves give."""
    hashes = leaves(sizes[1])

    def node(level: int, index: int) -> bytes:
        start, stop = index << level, (index + 1) << level
        assert stop <= sizes[1]
        return merkle.root_hash(hashes[start:stop])

    assert merkle.root_over(range(sizes[1]), node) == merkle.root_hash(hashes)
    path = merkle.consistency_path(*sizes)
    stored = [merkle.root_over(each, node) for each in path]
    assert stored == merkle.consistency_proof(hashes, sizes[0])
    index = sizes[0] - 1
    path = merkle.inclusion_path(index, sizes[1])
    stored = [merkle.root_over(each, node) for each in path]
    assert stored == merkle.inclusion_proof(hashes, index)


def test_roots_of_growing_trees_differ() -> None:
    roots = [merkle.root_hash(leaves(size)) for size in range(40)]
    assert all(one != other for one, other in pairwise(roots))
