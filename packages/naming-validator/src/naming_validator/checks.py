"""The checks: pure functions from resources to findings."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from naming_validator.convention import Convention
from naming_validator.forms import Forms, Pieces, parts, without_fifo
from naming_validator.model import Finding, Hole, Place, Resource, Rule, shown
from naming_validator.services import FIFO, SERVICES, Scope, Service
from naming_validator.tokens import remnant, with_open_ids

MOST_CHARACTERS = 8
"""So many characters that a service refuses are shown."""
_STYLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_STYLE_IN_WORDS = "kebab-case (lower-case letters and digits, with single hyphens between)"
Fault = tuple[Rule, str]


def check(resources: Iterable[Resource], convention: Convention) -> Iterator[Finding]:
    """Check every resource alone, then the names that several of them share."""
    resources, forms = list(resources), Forms(convention)
    seen: set[tuple[str, Place, str]] = set()
    for resource in resources:
        faults = list(_faults(resource, forms))
        suggestion = _sound_suggestion(resource, forms) if faults else None
        for rule, message in faults:
            # A name of several alternatives may have the same token in each of them.
            token = (resource.address, resource.place, message)
            if rule is not Rule.TOKEN or token not in seen:
                yield Finding(rule=rule, resource=resource, message=message, suggestion=suggestion)
            seen.add(token)
    yield from _duplicates(resources)


def stated_whole(resources: Iterable[Resource], convention: Convention) -> Iterator[Resource]:
    """Yield the resources whose names break the convention, and are accepted because a settings file states them."""
    forms = Forms(convention)
    for resource in resources:
        if _is_stated(resource, convention) and next(_unconventional(resource, forms), None):
            yield resource


def _is_stated(resource: Resource, convention: Convention) -> bool:
    """Return True if the file of the stack's environment states the name whole, for this type."""
    of_type, environment = convention.resources.get(resource.type), convention.environment_of(resource.stack.name)
    return bool(of_type and environment and resource.literal in of_type.whole_names.get(environment, ()))


def _faults(resource: Resource, forms: Forms) -> Iterator[Fault]:
    name = resource.name
    if name is None or resource.is_prefix or name == ("",):
        only = "is only the beginning of a name, so AWS or Terraform invents the rest"
        yield Rule.MISSING, only if resource.is_prefix else "has no name, so AWS or Terraform invents one"
        if name is None or name == ("",):
            return
    is_prescribed = _is_prescribed(resource)
    if is_prescribed:
        # The id that AWS gives, as in the name of API Gateway's log groups, cannot be a literal.
        resource = replace(resource, name=with_open_ids(name))
    tokens = list(_tokens(resource))
    if tokens:
        # What else is wrong with such a name is only what the token brought.
        yield from tokens[:1]
        return
    service = SERVICES.get(resource.type)
    if service is None or resource.is_prefix or not resource.is_judged:
        return
    refused = list(_refused(resource, service))
    yield from refused
    is_free = is_prescribed or _is_stated(resource, forms.convention)
    if all(rule is not Rule.ALPHABET for rule, _ in refused) and not is_free:
        yield from _unconventional(resource, forms)


def _is_prescribed(resource: Resource) -> bool:
    """Return True if a service of AWS demands how the name begins."""
    service, first = SERVICES.get(resource.type), next(iter(resource.name or ()), None)
    begins = service.prescribed if service else None
    return begins is not None and isinstance(first, str) and re.match(begins, first) is not None


def _tokens(resource: Resource) -> Iterator[Fault]:
    for part in resource.name or ():
        if isinstance(part, Hole):
            found = f"comes from {shown(part.expression)}, which is a token" if part.is_token else None
        else:
            left = remnant(part)
            found = f"holds {shown(left)}, the remnant of a token" if left else None
        if found:
            yield Rule.TOKEN, f"{found}: its value does not exist when the stack is synthesized"


def _refused(resource: Resource, service: Service) -> Iterator[Fault]:
    """Yield the service's objections; to a name with unknown parts, only those that hold for any parts."""
    known = "".join(part for part in resource.name or () if isinstance(part, str))
    literal = resource.literal
    if len(known) > service.most or (literal is not None and len(known) < service.least):
        least = "" if literal is not None else " at least"
        yield (
            Rule.LENGTH,
            f"has{least} {len(known)} characters; {service.label} names have {service.least} to {service.most}",
        )
    body = known.removesuffix(FIFO) if service.fifo_attribute else known
    strange = [character for character in dict.fromkeys(body) if not re.fullmatch(service.characters, character)]
    if strange:
        listed = ", ".join(map(_shown_character, strange[:MOST_CHARACTERS]))
        yield (
            Rule.ALPHABET,
            f"has {listed}; {service.label} names have only {service.allowed}",
        )
    if literal is None:
        return
    for rule, patterns in ((Rule.ALPHABET, service.shape), (Rule.RESERVED, service.reserved)):
        for pattern, fault in patterns:
            if re.search(pattern, literal):
                yield rule, f"{fault}, which {service.label} names may not" if rule is Rule.RESERVED else fault
    if service.fifo_attribute and resource.is_fifo is not None and resource.is_fifo != literal.endswith(FIFO):
        must = f"does not end in {FIFO}, as a FIFO {service.label}'s must"
        may = f"ends in {FIFO}, which only a FIFO {service.label}'s may"
        yield Rule.RESERVED, must if resource.is_fifo else may


def _shown_character(character: str) -> str:
    return shown(character) if character.isascii() else f"{shown(character)} (not ASCII)"


def _unconventional(resource: Resource, forms: Forms) -> Iterator[Fault]:
    """Yield the faults of the name; if parts are unknown, those that it has whatever they are."""
    name = resource.name or ()
    if resource.type not in forms.convention.resources:
        return
    likeliest: str | None = None
    for text in forms.fillings(resource.type, name, resource.stack):
        pieces = forms.parse(resource.type, text)
        if pieces and not list(_disagreements(resource, pieces, forms.convention)):
            return
        likeliest = text if likeliest is None else likeliest
    if likeliest is not None:
        yield from _convention_faults(resource, likeliest, forms)


def _convention_faults(resource: Resource, text: str, forms: Forms) -> Iterator[Fault]:
    convention = forms.convention
    pieces = forms.parse(resource.type, text)
    if pieces is None:
        listed = " or ".join(convention.resources[resource.type].forms).replace("{project}", convention.project)
        yield Rule.CONVENTION, f"{'; '.join(_reasons(resource.type, text, convention))}; the form is {listed}"
        return
    yield from _disagreements(resource, pieces, convention)


def _reasons(type_: str, text: str, convention: Convention) -> list[str]:
    """Return the differences between a name and its form, in the order in which one would fix them."""
    of_type = convention.resources[type_]
    words = re.findall(r"[a-z0-9]+", text.lower())
    reasons: list[str] = []
    if not _STYLE.fullmatch(_last_level(without_fifo(type_, text))) and all(map(_is_kebab, of_type.forms)):
        reasons.append(f"is not {_STYLE_IN_WORDS}")
    project = convention.project.split("-")
    says_project = any(words[at : at + len(project)] == project for at in range(len(words)))
    if all("{project}" in form for form in of_type.forms) and not says_project:
        reasons.append(f'does not say the project "{convention.project}"')
    if all("{env}" in form for form in of_type.forms) and not any(map(convention.right_environment, words)):
        reasons.append(f"says no environment ({', '.join(convention.environments)})")
    if of_type.types and not set(of_type.types) & set(words):
        reasons.append(f"says no type ({' or '.join(of_type.types)})")
    return reasons or ["has its pieces in another order, or too few of them"]


def _last_level(name: str) -> str:
    return name.lstrip("/").split("/")[-1]


def _is_kebab(form: str) -> bool:
    """Return True if a form asks for kebab-case, in its last level if it has several."""
    return _STYLE.fullmatch(_last_level(re.sub(r"\{\w+\}", "x", form))) is not None


def _disagreements(resource: Resource, pieces: Pieces, convention: Convention) -> Iterator[Fault]:
    stack, said, environments = resource.stack, pieces.environment, convention.environments
    deployed = convention.environment_of(stack.name)
    if said and said not in environments:
        yield Rule.ENVIRONMENT, f'says "{said}", which is no environment; allowed: {", ".join(environments)}'
    elif said and deployed and said != deployed:
        yield Rule.ENVIRONMENT, f'says "{said}", but its stack {shown(stack.name)} is {deployed}'
    elif pieces.other_environments:
        yield Rule.ENVIRONMENT, f'says an environment twice: "{pieces.other_environments[0]}" and "{said}"'
    if pieces.region and stack.region and pieces.region != stack.region:
        yield Rule.REGION, f'says "{pieces.region}", but its stack is in {stack.region}'
    if pieces.account and stack.account and pieces.account != stack.account:
        yield Rule.ACCOUNT, f'says "{pieces.account}", but its stack is in account {stack.account}'


def _sound_suggestion(resource: Resource, forms: Forms) -> str | None:
    """Return the suggestion if it is another name, and one without faults."""
    from naming_validator.suggestion import suggest  # noqa: PLC0415 - only for an error

    suggestion = suggest(resource, forms.convention)
    if suggestion is None or suggestion == resource.literal:
        return None
    name = tuple(Hole(part) if part.startswith("{") else part for part in parts(suggestion) if part)
    return None if list(_faults(replace(resource, name=name, is_prefix=False), forms)) else suggestion


def _duplicates(resources: Iterable[Resource]) -> Iterator[Finding]:
    holders: defaultdict[tuple[str, ...], dict[tuple[str, str], Resource]] = defaultdict(dict)
    for resource in resources:
        service, literal = SERVICES.get(resource.type), resource.literal
        if service is None or not literal or resource.is_prefix or resource.may_repeat:
            continue
        name = literal.casefold() if service.ignores_case else literal
        # The same stack may be there twice, as JSON and as a plan.
        identity = (resource.stack.name, resource.address)
        holders[(resource.type, *_within(resource, service.scope), name)].setdefault(identity, resource)
    for same in holders.values():
        first, *others = same.values()
        for other in others:
            where = f"{first.address} in {first.place.file}"
            scope = SERVICES[other.type].scope.value
            yield Finding(
                rule=Rule.DUPLICATE,
                resource=other,
                message=f"is the name of {where} too, and must be unique within {scope}",
            )


def _within(resource: Resource, scope: Scope) -> tuple[str, ...]:
    # Where an account or a region is not known, each provider of each stack is taken to have one of its own.
    stack = resource.stack
    account = stack.account or f"{stack.name} {stack.provider}"
    return {
        Scope.WORLD: (),
        Scope.ACCOUNT: (account,),
        Scope.REGION: (account, stack.region or f" {stack.provider}", resource.parent),
        Scope.PARENT: (stack.name, resource.parent),
    }[scope]
