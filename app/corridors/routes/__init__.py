"""Corridors over HTTP."""

from fastapi import APIRouter

from app.corridors.routes import corridors, status_changes, windows

ROUTERS: tuple[APIRouter, ...] = (corridors.router, status_changes.router, windows.router)
