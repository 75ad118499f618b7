export { httpIam } from './http-iam.ts';
export { httpV1 } from './http-v1.ts';
export { http } from './http.ts';
export { restToken } from './rest-token.ts';
export { rest } from './rest.ts';
export { websocket } from './websocket.ts';
