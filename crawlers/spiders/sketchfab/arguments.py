"""What a crawl of Sketchfab can be asked for."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crawlers.site_spider import Listed, SpiderArgs

CategorySlug = Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]


class SketchfabArgs(SpiderArgs):
    source: Annotated[
        Literal["api", "browser"],
        Field(
            description="where the models come from; 'browser': the website's grid in a real Chromium, models only and "
            "fewer columns"
        ),
    ] = "api"
    min_likes: Annotated[int, Field(ge=0, description="keep models with at least this many likes")] = 5
    categories: Annotated[
        tuple[CategorySlug, ...],
        Listed,
        Field(description="only models of these categories: slugs, comma-separated, such as animals-pets,music"),
    ] = ()
    likes_source: Annotated[
        Literal["user", "model"],
        Field(
            description="'user': what the people like who uploaded the models or commented on them; "
            "'model': who likes a model, from the website's private list; either is probed first"
        ),
    ] = "user"
    followers: Annotated[
        bool, Field(description="with likes_source=user: also what the people like who follow uploaders and commenters")
    ] = False
    max_models: Annotated[int, Field(ge=0, description="stop after this many models; 0 = no limit")] = 0
    max_users: Annotated[
        int, Field(ge=0, description="with likes_source=user: stop after this many people; 0 = no limit")
    ] = 0
    profiles: Annotated[
        bool, Field(description="also the account of everybody met, in sketchfab/users; one request each")
    ] = False

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        of_api = sorted(self.model_fields_set & {"likes_source", "followers", "max_users", "profiles"})
        if self.source == "browser" and of_api:
            raise ValueError(f"source=browser shows models only; leave out {', '.join(of_api)}")
        if self.likes_source == "model" and (self.followers or self.max_users):
            raise ValueError("followers and max_users choose the people of likes_source=user; leave them out")
        return self
