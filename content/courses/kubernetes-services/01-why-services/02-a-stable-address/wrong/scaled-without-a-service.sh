#@ task five-behind-it
#@ says There is no Service `shop` in namespace `default`.
kubectl scale deployment shop --replicas=5
kubectl rollout status deployment/shop --timeout=60s
