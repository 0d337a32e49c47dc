#@ task a-node-port
#@ says Service `shop-node`: `spec.ports[0].nodePort` is `3*`, not `30080`.
kubectl expose deployment shop --name=shop-node --port=80 --type=NodePort
