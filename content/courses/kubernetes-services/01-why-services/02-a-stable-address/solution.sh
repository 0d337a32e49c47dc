kubectl rollout status deployment/shop --timeout=60s
kubectl rollout status deployment/catalog --timeout=60s
kubectl expose deployment shop --port=80
kubectl scale deployment shop --replicas=5
kubectl rollout status deployment/shop --timeout=60s
kubectl set selector service catalog app=catalog
