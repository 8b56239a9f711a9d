"""The routes of agreements."""

from fastapi import APIRouter

from app.agreements.routes import (
    agreed_routes,
    agreements,
    contacts,
    positions,
    readiness,
    status_changes,
    terms,
    windows,
)

ROUTERS: tuple[APIRouter, ...] = (
    agreements.router,
    readiness.router,
    status_changes.router,
    positions.router,
    terms.router,
    windows.router,
    agreed_routes.router,
    contacts.router,
)
