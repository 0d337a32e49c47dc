#@ task headless-service
#@ says Service `shop-pods`: `spec.clusterIP` is `10.*`, not `None`.
kubectl expose deployment shop --name=shop-pods --port=80
