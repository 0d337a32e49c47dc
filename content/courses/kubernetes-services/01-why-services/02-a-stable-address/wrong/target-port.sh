#@ task expose-shop
#@ says Service `shop`: `spec.ports[0].targetPort` is `8080`, not `80`.
kubectl rollout status deployment/shop --timeout=60s
kubectl expose deployment shop --port=80 --target-port=8080
