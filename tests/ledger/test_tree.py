# SPDX-License-Identifier: Apache-2.0
"""Published values are those of the Certificate Transparency test suite (RFC 6962 trees over eight inputs)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.ledger.tree import (
    EMPTY_ROOT,
    Consistency,
    Frontier,
    Inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(entry) for entry in INPUTS]
SIZES = range(1, 18)
MANY = [leaf_hash(bytes([number])) for number in range(17)]
OTHER = hashlib.sha256(b"other").digest()


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_the_published_one(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]
    assert Frontier().extended(LEAVES[:size]).root.hex() == ROOTS[size]


def test_an_audit_path_is_the_published_one() -> None:
    path = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [one.hex() for one in inclusion_proof(LEAVES, 0)] == path


def test_a_consistency_proof_is_the_published_one() -> None:
    assert [one.hex() for one in consistency_proof(LEAVES[:5], 2)] == [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT


def recursive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.integers(0, 70))
def test_the_root_is_the_same_by_every_way(leaves: list[bytes], cut: int) -> None:
    frontier = Frontier().extended(leaves[:cut]).extended(leaves[cut:])
    assert frontier.root == root_of(leaves) == recursive_root(leaves)
    assert Frontier.unpacked(frontier.size, frontier.packed()) == frontier


@pytest.mark.parametrize(("size", "packed"), [(1, b""), (3, b"x" * 32), (2, b"x" * 64), (1, b"x" * 31), (0, b"x" * 32)])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier.unpacked(size, packed)


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_proven_included_and_no_other(size: int) -> None:
    leaves = MANY[:size]
    root = root_of(leaves)
    for index in range(size):
        proof = inclusion_proof(leaves, index)
        assert Inclusion(leaves[index], index, size, proof).holds_in(root)
        wrong = [
            Inclusion(OTHER, index, size, proof),
            Inclusion(leaves[index][:-1], index, size, proof),
            Inclusion(leaves[index], index + 1, size, proof),
            Inclusion(leaves[index], index - 1, size, proof),
            Inclusion(leaves[index], -1, size, proof),
            Inclusion(leaves[index], size, size, proof),
            Inclusion(leaves[index], index, size, (*proof, OTHER)),
            Inclusion(leaves[index], index, size, (OTHER, *proof)),
            *(Inclusion(leaves[index], index, size, _without(proof, at)) for at in range(len(proof))),
            *(Inclusion(leaves[index], index, size, _changed(proof, at)) for at in range(len(proof))),
        ]
        assert not any(claim.holds_in(root) for claim in wrong)
        assert not Inclusion(leaves[index], index, size, proof).holds_in(OTHER)


@pytest.mark.parametrize("size", SIZES)
def test_every_prefix_is_proven_consistent_and_no_other(size: int) -> None:
    new = root_of(MANY[:size])
    for old_size in range(size + 1):
        old = root_of(MANY[:old_size])
        proof = consistency_proof(MANY[:size], old_size)
        assert Consistency(old_size, size, proof).holds_between(old, new)
        assert not Consistency(old_size, size, proof).holds_between(OTHER, new)
        if old_size:
            assert not Consistency(old_size, size, proof).holds_between(old, OTHER)
        wrong = [
            Consistency(old_size, size, (*proof, OTHER)),
            Consistency(size + 1, size, proof),
            Consistency(-1, size, proof),
            *(Consistency(old_size, size, _without(proof, at)) for at in range(len(proof))),
            *(Consistency(old_size, size, _changed(proof, at)) for at in range(len(proof))),
        ]
        assert not any(claim.holds_between(old, new) for claim in wrong)


@pytest.mark.parametrize(("old", "new"), [(3, 7), (4, 8), (6, 7), (1, 8), (4, 7)])
def test_a_consistency_proof_holds_for_its_own_sizes_only(old: int, new: int) -> None:
    proof = consistency_proof(MANY[:new], old)
    old_root, new_root = root_of(MANY[:old]), root_of(MANY[:new])
    sizes = [(other, new) for other in range(new + 1) if other != old]
    assert not any(Consistency(*pair, proof).holds_between(old_root, new_root) for pair in sizes)


def test_proofs_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(MANY, len(MANY))
    with pytest.raises(ValueError, match="no prefix"):
        consistency_proof(MANY, len(MANY) + 1)


def _without(proof: tuple[bytes, ...], at: int) -> tuple[bytes, ...]:
    return proof[:at] + proof[at + 1 :]


def _changed(proof: tuple[bytes, ...], at: int) -> tuple[bytes, ...]:
    return (*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :])
