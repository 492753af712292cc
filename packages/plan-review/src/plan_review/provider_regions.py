"""Regions that resources have from their provider."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from plan_review.addresses import without_indexes
from plan_review.masking import as_list, as_object


def provider_regions(plan: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what tells, by a resource's address, its provider's region; "" if the configuration names none."""
    configuration = as_object(plan.get("configuration"))
    found = dict(
        _regions(as_object(configuration.get("root_module")), "", as_object(configuration.get("provider_config")))
    )
    return lambda address: found.get(without_indexes(address), "")


def fills_in_region(path: Sequence[str], before: Any, after: Any, provider_region: str) -> bool:
    """Return True if a difference is that a resource shows the region of its provider, and showed none before.

    AWS provider 6 has an attribute `region` on nearly every resource, and 5.x has not (its upgrade guide to version 6,
    "Enhanced Region Support"). Any other region is a difference, as of a resource that is not where it is looked for.
    """
    return bool(provider_region) and not before and after == provider_region and list(path) == ["region"]


def _regions(module: Mapping[str, Any], prefix: str, providers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for resource in map(as_object, as_list(module.get("resources"))):
        provider = as_object(providers.get(str(resource.get("provider_config_key"))))
        region = as_object(as_object(provider.get("expressions")).get("region")).get("constant_value")
        if isinstance(region, str):
            yield f"{prefix}{resource.get('address')}", region
    for name, call in as_object(module.get("module_calls")).items():
        yield from _regions(as_object(as_object(call).get("module")), f"{prefix}module.{name}.", providers)
