/** Headers by which our server tells Next what it knows of a request; what a client sends under these names is removed. */
export const ADDRESS_HEADER = "x-slipway-address";
export const PRIVATE_HEADER_PREFIX = "x-slipway-";
