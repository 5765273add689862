"""The emulator under the conformance suite: in this process, in a worker, guarded."""

from __future__ import annotations

import pytest

from fpgarray.runtime.emulator import EmulatorProvider
from fpgarray.testing.kernels import provider_image, rogue_image
from fpgarray.testing.provider import ProviderConformance


class TestInline(ProviderConformance):
    @pytest.fixture
    def provider(self):
        return EmulatorProvider(2, {provider_image().uuid})


class TestWorker(ProviderConformance):
    @pytest.fixture
    def provider(self):
        return EmulatorProvider(2)

    @pytest.fixture
    def rogue(self):
        return rogue_image()


class TestGuardedInline(TestInline):
    @pytest.fixture
    def provider(self):
        return EmulatorProvider(2, {provider_image().uuid}, guard=True)


class TestGuardedWorker(TestWorker):
    @pytest.fixture
    def provider(self):
        return EmulatorProvider(2, guard=True)
