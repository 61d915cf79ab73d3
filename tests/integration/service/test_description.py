"""The service's description: what it allows is asked, at random, and answered as it says."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from imgcls.runs.run import Run
from imgcls.service.openapi import description
from tests.support.http import ask
from tests.support.server import Served
from tests.support.shipped import shipped

EXAMPLES = 15  # of each, and those that hypothesis tries to break it with
# A schema cannot say that a tensor's data has the size of its shape.
UNFIT: list[Any] = [positive_data_acceptance]
PATHS = description(shipped("scratch on digits"))["paths"]


@pytest.mark.parametrize("path", PATHS)
def test_it_keeps_to_its_description(path: str, service: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{service.address}/openapi.json")
    (method,) = PATHS[path].keys() - {"parameters"}
    operation = schema[path][method.upper()]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def keeps(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(base_url=service.address, excluded_checks=UNFIT)

    keeps()


def test_its_example_is_answered(service: Served, digits: Run) -> None:
    content = PATHS["/v2/models/{name}/infer"]["post"]["requestBody"]["content"]
    body = json.dumps(content["application/json"]["example"]).encode()
    assert ask(f"{service.address}/v2/models/{digits.id}/infer", body).status == 200
