# SPDX-License-Identifier: Apache-2.0
"""Judging a candidate by what was counted of it and of stable at the same time. Pure: no clock, no chance, no I/O, and
nothing but the standard library.

Rollouts are judged by `judging`, which says what of a rollout the judge is told and what follows from its ruling.

- `plan` says what is judged and what one interval says; `trial` folds intervals (`open_trial`, `hear`) and rules
  (`rule`); `account` explains the ruling. These three are its seam.
- `contest` compares counts, `tails` latencies (at `edges`), `gauge` levels, `ceiling` holds against a cap, `pulse`
  hears silence and the share; `noise` says what is no defect; `nodes` and `lanes` hold beliefs and money, `stakes` that
  of `abrupt` and of caps; `saying` has the words.

Its rules:

1. The same intervals give the same trial, wherever it is resumed.
2. An honest candidate is sent back by comparison with a chance of at most the plan's risk, over all looks, steps and
   metrics. Honest is who lies around the tolerated margin as far as instances of one program differ, is no noisier than
   `noise` says, and warms up no worse than it allows. The guarantee rests on those three.
3. Too little, nothing, or nonsense is never a pass and by itself never a failure; silence where there should be
   requests is one.
4. What hits both arms alike pauses.

`classic` and `kayenta` are rules of other tools, for those who come from them. They promise less.
"""
