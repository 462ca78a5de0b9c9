# SPDX-License-Identifier: Apache-2.0
"""The composition root: from a home on disk to what acts on it. The only package that knows every adapter."""
