# SPDX-License-Identifier: Apache-2.0
"""What can be asked of the service: one module per noun, joined in `outreach.app`."""
