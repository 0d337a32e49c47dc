#@ task a-load-balancer
#@ says Service `shop-out`: `spec.type` is `ClusterIP`, not `LoadBalancer`.
kubectl expose deployment shop --name=shop-out --port=80
