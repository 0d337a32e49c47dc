#@ task five-behind-it
#@ says Pod `shop-*` runs but is not ready.
kubectl rollout status deployment/shop --timeout=60s
kubectl expose deployment shop --port=80
kubectl scale deployment shop --replicas=5
kubectl rollout status deployment/shop --timeout=60s
kubectl exec "$(kubectl get pods -l app=shop -o name | head -n 1)" -- rm /usr/share/nginx/html/index.html
