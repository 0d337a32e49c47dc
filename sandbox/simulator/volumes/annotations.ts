/** What binder, provisioners and scheduler write on claims and volumes: https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
export const PROVISIONER = "volume.kubernetes.io/storage-provisioner";
export const BETA_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";

/** The provisioner of classes whose volumes are made by hand. */
export const NO_PROVISIONER = "kubernetes.io/no-provisioner";
