# SPDX-License-Identifier: Apache-2.0
"""The repository a service is released from: how the outside offers it."""
