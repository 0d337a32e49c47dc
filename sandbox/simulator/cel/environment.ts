import { Environment } from "@marcbachmann/cel-js";
import { registerLists } from "./lists";
import { registerNetworks } from "./networks";
import { registerQuantities } from "./quantities";
import { registerStrings } from "./strings";

/**
 * The expression language with what Kubernetes adds to it, without any variables: those are registered on what this
 * returns. https://kubernetes.io/docs/reference/using-api/cel/
 */
export function celEnvironment({ mixedLiterals = false }: { readonly mixedLiterals?: boolean } = {}): Environment {
  return BASE.clone({ homogeneousAggregateLiterals: !mixedLiterals });
}

// Never changes once it is made: environments of their own are clones.
const BASE = new Environment({ enableOptionalTypes: true });
registerStrings(BASE);
registerLists(BASE);
registerQuantities(BASE);
registerNetworks(BASE);
