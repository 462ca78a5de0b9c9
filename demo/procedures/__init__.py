# SPDX-License-Identifier: Apache-2.0
"""Whole written procedures on real parts: `demo/run.py --pack NAME`, or `make demo PACK=NAME`.

A procedure is one module here, named like its pack, which says `perform(root) -> exit code`. It brings a `Procedure`
(who plays, which words of the bindings and of the pack are put otherwise) and chapters, functions of a `Stage`; all of
them are listed in a `play.Play` and run by `play.run`. Nothing else in this package knows any procedure:

- `stage`: `Procedure`, and `Stage`, the scene of all chapters: the repository, the people, what is measured.
- `setting`: the chapters that every procedure begins with: people, rules, receivers, and what runs today.
- `moves`: what happens again and again: hand on, sign, approve, promote, watch it go back, do what an incident owes.
- `warm`: `interlock` started at once, from a process that has read all modules already.
- `receivers`: the mailbox, the chat and the pagers that messages really arrive at.
- `faults`: the example's own faults, switched on and off in the running service.
- `tally`: which statements of the written procedure were seen at work, each with the record that shows it.
- `ending`: the ledger is verified, the statements are counted, the report is written.
"""
