"""Errors in the shape that OpenAI's clients expect: {"error": {"message", "type", "param", "code"}}."""

from __future__ import annotations

from starlette.requests import Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse


class ApiError(Exception):
    """A request that cannot be served: HTTP status, one sentence for the user, the field at fault."""

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message, self.status, self.param, self.code = message, status, param, code


def error_response(error: ApiError) -> JSONResponse:
    """The error as a response."""
    body = {
        "message": error.message,
        "type": "invalid_request_error" if error.status < 500 else "server_error",
        "param": error.param,
        "code": error.code,
    }
    return JSONResponse({"error": body}, error.status)


async def on_api_error(request: Request, error: ApiError) -> JSONResponse:
    """Answers an ApiError that a handler raised."""
    return error_response(error)


async def on_http_error(request: Request, error: HTTPException) -> JSONResponse:
    """Answers what Starlette refuses by itself: unknown paths and methods, forms it cannot parse."""
    return error_response(ApiError(f"{request.method} {request.url.path}: {error.detail}", status=error.status_code))


async def on_fault(request: Request, error: Exception) -> JSONResponse:
    """Answers a bug; its traceback is in the log."""
    return error_response(ApiError(f"The engine failed: {type(error).__name__}.", status=500))
