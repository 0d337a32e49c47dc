#@ task expose-shop
#@ says Service `shop`: `spec.type` is `NodePort`, not `ClusterIP`.
kubectl expose deployment shop --port=80 --type=NodePort
